/** Takes a conversation off this device after its contact was removed by oneself. */
import { call } from "@/core/core";
import { dropConversation } from "@/core/store";
import { setDraft } from "./drafts";

export function forgetConversation(id: string): void {
  setDraft(id, "");
  dropConversation(id);
  void call("forget", id);
}
