//! Payloads with attachments through the parser that the server uses, there and back.

use protocol::{
    Binary, RoomId,
    rest::rooms::RoomKind,
    socket::{CreateRoom, client},
};
use socketioxide_core::{Value, parser::Parse};
use socketioxide_parser_common::CommonParser;

fn create_room(welcome: Option<Binary>) -> CreateRoom {
    CreateRoom {
        room_id: RoomId::from_bytes([1; 16]),
        kind: RoomKind::Direct,
        commit: vec![1].into(),
        welcome,
        devices: Vec::new(),
        group_info: vec![3].into(),
        tree: vec![4].into(),
    }
}

#[test]
fn an_optional_attachment_is_an_attachment() {
    for welcome in [Some(Binary::from(vec![2])), None] {
        let sent = create_room(welcome);
        let mut value = CommonParser
            .encode_value(&sent, Some(client::CREATE_ROOM))
            .unwrap();
        let Value::Str(_, attachments) = &value else {
            panic!("a text with attachments")
        };
        let expected = if sent.welcome.is_some() { 4 } else { 3 };
        assert_eq!(attachments.as_ref().unwrap().len(), expected);
        let read: CreateRoom = CommonParser.decode_value(&mut value, true).unwrap();
        assert_eq!((read.commit, read.welcome), (sent.commit, sent.welcome));
        assert_eq!((read.group_info, read.tree), (sent.group_info, sent.tree));
    }
}

#[test]
fn null_is_no_attachment() {
    let mut json = serde_json::to_value(create_room(None)).unwrap();
    for (num, field) in ["commit", "group_info", "tree"].into_iter().enumerate() {
        json[field] = serde_json::json!({"_placeholder": true, "num": num});
    }
    json["welcome"] = serde_json::Value::Null;
    let text = serde_json::json!([client::CREATE_ROOM, json]).to_string();
    let bytes = [1, 3, 4].map(|byte| bytes::Bytes::from(vec![byte])).into();
    let mut value = Value::Str(text.into(), Some(bytes));
    let read: CreateRoom = CommonParser.decode_value(&mut value, true).unwrap();
    assert_eq!(read.welcome, None);
}
