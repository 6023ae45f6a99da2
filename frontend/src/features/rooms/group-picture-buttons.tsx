import { Button } from "@/components/ui/button";
import { call } from "@/core/core";
import { useCore } from "@/core/store";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";

/** Gives a group a picture, or takes it away: for admins. */
export function GroupPictureButtons({ room }: { room: string }) {
  const { t } = useTranslation();
  const has = useCore((state) => state.roomPictures.has(room));
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);

  async function set(file: File | null): Promise<void> {
    setBusy(true);
    const fault = await call("setRoomPicture", room, file).catch(() => "unreadable");
    setFailed(fault !== null);
    setBusy(false);
  }

  return (
    <>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        <FileTrigger
          acceptedFileTypes={["image/png", "image/jpeg", "image/webp", "image/gif"]}
          onSelect={(files) => {
            if (files?.[0]) void set(files[0]);
          }}
        >
          <Button size="small" isPending={busy}>
            {t(has ? "rooms.changePicture" : "rooms.choosePicture")}
          </Button>
        </FileTrigger>
        {has && (
          <Button look="quiet" size="small" onPress={() => void set(null)}>
            {t("rooms.removePicture")}
          </Button>
        )}
      </div>
      {failed && (
        <p role="alert" className="mt-2 text-sm text-danger">
          {t("rooms.noPicture")}
        </p>
      )}
    </>
  );
}
