/** The recovery kit as a text file. */
import { download } from "@/lib/download";
import { longDate } from "@/lib/format";
import type { TFunction } from "i18next";

interface Kit {
  codes: string[];
  username: string;
  t: TFunction;
  language: string;
}

export function kitText({ codes, username, t, language }: Kit): string {
  const { host } = location;
  return [
    t("kit.fileTitle"),
    "",
    t("kit.fileAccount", { username, host }),
    t("kit.fileMade", { date: longDate(Date.now(), language) }),
    "",
    t("kit.fileUse"),
    "",
    t("kit.fileCodes"),
    ...codes.map((code, index) => `${String(index + 1).padStart(2)}  ${code}`),
    "",
  ].join("\n");
}

export function downloadKit(text: string, username: string): void {
  const name = `snug-recovery-kit-${username}-${location.hostname}.txt`;
  download(new Blob([text], { type: "text/plain" }), name);
}
