/** Takes a conversation off this device after its contact was removed by oneself. */
import { call } from "@/core/core";
import { closeUnseen } from "@/features/pictures/opened";
import { setDraft } from "./drafts";

export function forgetConversation(id: string): void {
  setDraft(id, "");
  closeUnseen();
  void call("forget", id);
}
