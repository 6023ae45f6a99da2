import { endingOf } from "./safe-name";

export type FileKind =
  "plain" | "archive" | "sound" | "code" | "picture" | "pdf" | "text" | "film" | "table";

const endings: Record<Exclude<FileKind, "plain">, string> = {
  archive: "zip gz tgz bz2 xz zst 7z rar tar jar",
  sound: "mp3 m4a aac ogg oga opus flac wav mid",
  code: "js ts tsx jsx mjs rs py c h cpp java kt go rb php sh ps1 html css json xml yml yaml toml sql",
  picture: "jpg jpeg png gif webp avif heic heif svg bmp tif tiff ico psd",
  pdf: "pdf",
  text: "txt md rtf doc docx odt tex log epub pages",
  film: "mp4 m4v mov webm mkv avi ogv",
  table: "csv tsv xls xlsx ods numbers",
};

const kinds = new Map(
  Object.entries(endings).flatMap(([kind, list]) =>
    list.split(" ").map((ending) => [ending, kind as FileKind] as const),
  ),
);

/** What a file's name says that it is: a sign is drawn for it, and nothing else follows from it. */
export function fileKind(name: string): FileKind {
  return kinds.get(endingOf(name)) ?? "plain";
}
