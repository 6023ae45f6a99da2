import { call } from "@/core/core";
import { saveDrafts } from "@/features/chat/drafts";

/** The worker ends with it: there is no answer to wait for. */
export function lockNow(): void {
  saveDrafts();
  void call("lock");
}
