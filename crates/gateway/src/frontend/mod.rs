//! The built frontend: held in memory, compressed once.

mod asset;
mod import_map;
mod manifest;
mod negotiate;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use asset::Asset;
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use protocol::Code;
use service::Problem;

use crate::app::App;

/// The app.
const PAGE: &str = "index.html";

/// Files by their path below the folder, without a leading slash.
#[derive(Default)]
pub(crate) struct Frontend {
    files: Arc<HashMap<String, Asset>>,
    import_map: Option<String>,
}

impl Frontend {
    /// Reads the whole folder; its manifest, if it has one, has to fit. Brotli is made in the
    /// background: it takes seconds.
    pub(crate) fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut files = HashMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let entries =
                fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))?;
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(name(folder, &path)?, Asset::read(&path)?);
                }
            }
        }
        let page = files.get(PAGE).with_context(|| {
            format!(
                "{} holds no index.html; build the frontend first",
                folder.display()
            )
        })?;
        let import_map = import_map::source(page.plain());
        manifest::check(&files)?;
        let files = Arc::new(files);
        let shared = files.clone();
        std::thread::spawn(move || shared.values().for_each(Asset::squeeze));
        Ok(Self { files, import_map })
    }

    /// What the content policy has to allow beside files: the page's import map, by its hash.
    pub(crate) fn import_map(&self) -> Option<&str> {
        self.import_map.as_deref()
    }

    fn find(&self, path: &str, headers: &HeaderMap) -> Option<(&str, &Asset)> {
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { PAGE } else { path };
        if let Some((name, asset)) = self.files.get_key_value(path) {
            return Some((name, asset));
        }
        // A page inside the app: its router knows the path. Missing scripts and pictures do not
        // ask for HTML.
        negotiate::accepts_html(headers)
            .then(|| self.files.get_key_value(PAGE))
            .flatten()
            .map(|(name, asset)| (name.as_str(), asset))
    }
}

fn name(folder: &Path, path: &Path) -> anyhow::Result<String> {
    let relative: PathBuf = path.strip_prefix(folder)?.components().collect();
    let name = relative
        .to_str()
        .with_context(|| format!("{} is no UTF-8", path.display()))?;
    Ok(name.to_owned())
}

/// GET and HEAD of a file, or of the app for any other path that a person opens.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers();
    let Some((name, asset)) = app.frontend.find(request.uri().path(), headers) else {
        return Problem::new(Code::NotFound).into_response();
    };
    let mut response = asset.reply(headers);
    // The bundler puts a hash of the content into the names below assets/.
    let caching = if name.starts_with("assets/") {
        HeaderValue::from_static("public, max-age=31536000, immutable")
    } else {
        HeaderValue::from_static("no-cache")
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, caching);
    response
}
