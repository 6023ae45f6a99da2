/** The recovery kit as a text file. */
import { download } from "@/lib/download";
import { longDate } from "@/lib/format";
import type { TFunction } from "i18next";
import type { Kit } from "./kit";

interface KitFile {
  kit: Kit;
  username: string;
  t: TFunction;
  language: string;
}

export function kitText({ kit: { codes, key }, username, t, language }: KitFile): string {
  const { host } = location;
  const parts = [
    [
      t("kit.fileTitle"),
      "",
      t("kit.fileAccount", { username, host }),
      t("kit.fileMade", { date: longDate(Date.now(), language) }),
      t("kit.fileKeep"),
    ],
    key !== null && [t("recovery.key"), t("recovery.what"), "", key],
    codes.length > 0 && [
      t("codes.title"),
      t("kit.lead"),
      "",
      ...codes.map((code, index) => `${String(index + 1).padStart(2)}  ${code}`),
    ],
  ];
  return parts
    .map((lines) => (lines ? `${lines.join("\n")}\n` : ""))
    .filter(Boolean)
    .join("\n");
}

export function downloadKit(text: string, username: string): void {
  const name = `snug-recovery-kit-${username}-${location.hostname}.txt`;
  download(new Blob([text], { type: "text/plain" }), name);
}
