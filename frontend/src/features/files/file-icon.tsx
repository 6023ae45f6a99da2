import { FileIcon as PlainIcon } from "@phosphor-icons/react/File";
import { FileArchiveIcon } from "@phosphor-icons/react/FileArchive";
import { FileAudioIcon } from "@phosphor-icons/react/FileAudio";
import { FileCodeIcon } from "@phosphor-icons/react/FileCode";
import { FileImageIcon } from "@phosphor-icons/react/FileImage";
import { FilePdfIcon } from "@phosphor-icons/react/FilePdf";
import { FileTextIcon } from "@phosphor-icons/react/FileText";
import { FileVideoIcon } from "@phosphor-icons/react/FileVideo";
import { FileXlsIcon } from "@phosphor-icons/react/FileXls";
import { fileKind, type FileKind } from "./file-kind";

const icons = {
  plain: PlainIcon,
  archive: FileArchiveIcon,
  sound: FileAudioIcon,
  code: FileCodeIcon,
  picture: FileImageIcon,
  pdf: FilePdfIcon,
  text: FileTextIcon,
  film: FileVideoIcon,
  table: FileXlsIcon,
} as const satisfies Record<FileKind, typeof PlainIcon>;

/** The sign of a kind of file, by its name. */
export function FileIcon({ name, size }: { name: string; size: number }) {
  const Icon = icons[fileKind(name)];
  return <Icon size={size} aria-hidden="true" />;
}
