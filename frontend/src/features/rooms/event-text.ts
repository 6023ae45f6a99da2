/** What somebody did to a group, in a sentence. */
import type { Entry, RoomEvent } from "@/core/engine.gen";
import { longDate } from "@/lib/format";
import { duration } from "@/features/timer/durations";
import type { TFunction } from "i18next";

interface Telling {
  t: TFunction;
  locale: string;
  me: string;
  nameOf: (user: string) => string;
}

export function eventTexts(entry: Entry, telling: Telling): string[] {
  if (entry.body.type !== "room") return [];
  return entry.body.events.flatMap((event) => eventText(event, entry, telling));
}

function eventText(event: RoomEvent, entry: Entry, { t, locale, me, nameOf }: Telling): string[] {
  const name = nameOf(entry.sender);
  const mine = entry.sender === me;
  const list = (users: readonly string[]) =>
    new Intl.ListFormat(locale, { type: "conjunction" }).format(users.map(nameOf));
  const others = (users: readonly string[]) => users.filter((user) => user !== me);
  const demoted = (users: readonly string[]) => {
    const texts = users.includes(me) ? [t("rooms.noAdminYou")] : [];
    const who = others(users);
    if (who.length === 0) return texts;
    return [...texts, t("rooms.noAdmin", { who: list(who), count: who.length })];
  };
  switch (event.type) {
    case "created":
      return [mine ? t("rooms.youCreated") : t("rooms.created", { name })];
    case "joined":
      return [t("rooms.joined")];
    case "entered":
      return [t("rooms.entered")];
    case "rejoined":
      return [t("rooms.rejoined")];
    case "set_back":
      return [t("rooms.setBack")];
    case "meanwhile": {
      const texts = [];
      if (event.added.length > 0) {
        const who = list(event.added);
        texts.push(t("rooms.meanwhileAdded", { who, count: event.added.length }));
      }
      if (event.gone.length > 0) {
        const who = list(event.gone);
        texts.push(t("rooms.gone", { who, count: event.gone.length }));
      }
      if (event.granted.includes(me)) texts.push(t("rooms.meanwhileAdminYou"));
      const granted = others(event.granted);
      if (granted.length > 0) {
        const who = list(granted);
        texts.push(t("rooms.meanwhileAdmin", { who, count: granted.length }));
      }
      return [...texts, ...demoted(event.revoked)];
    }
    case "keys_changed":
      return [t("trust.line", { name: nameOf(event.user), date: longDate(entry.sent_at, locale) })];
    case "added": {
      const who = list(event.users);
      return [mine ? t("rooms.youAdded", { who }) : t("rooms.added", { name, who })];
    }
    case "removed": {
      if (event.users.includes(me)) return [t("rooms.removedYou", { name })];
      const who = list(event.users);
      return [mine ? t("rooms.youRemoved", { who }) : t("rooms.removed", { name, who })];
    }
    case "gone":
      return [t("rooms.gone", { who: list(event.users), count: event.users.length })];
    case "left":
      return [mine ? t("rooms.youLeft") : t("rooms.left", { name })];
    case "named": {
      const title = event.name;
      return [mine ? t("rooms.youNamed", { title }) : t("rooms.named", { name, title })];
    }
    case "pictured": {
      if (event.removed) {
        return [mine ? t("rooms.youUnpictured") : t("rooms.unpictured", { name })];
      }
      return [mine ? t("rooms.youPictured") : t("rooms.pictured", { name })];
    }
    case "timer": {
      if (event.seconds === null) {
        return [mine ? t("rooms.youTimerOff") : t("rooms.timerOff", { name })];
      }
      const time = duration(event.seconds, locale);
      return [mine ? t("rooms.youTimer", { time }) : t("rooms.timer", { name, time })];
    }
    case "roles": {
      const texts = [];
      if (event.granted.includes(me)) texts.push(t("rooms.adminYou", { name }));
      const granted = others(event.granted);
      if (granted.length > 0) {
        const who = list(granted);
        texts.push(mine ? t("rooms.youAdmin", { who }) : t("rooms.admin", { name, who }));
      }
      return [...texts, ...demoted(event.revoked)];
    }
  }
}
