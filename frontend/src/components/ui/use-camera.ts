import { type QrReader, startQrReader } from "@/core/qr/reader";
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";

export type CameraState =
  | "starting"
  | "running"
  /** The person, or the browser in their name, said no. */
  | "refused"
  | "none"
  /** There is one, and something else uses it. */
  | "busy"
  | "failed";

/** The longer side of what is looked at, in pixels: enough for our codes, and quick. */
const SIDE = 800;
/** Between two looks, in milliseconds. */
const PAUSE = 90;

/** Shows what the camera sees in `video`, and tells every code that it reads there, each once. */
export function useCamera(onText: (text: string) => void): {
  video: RefObject<HTMLVideoElement | null>;
  state: CameraState;
  /** It faces the person: shown as in a mirror. */
  mirrored: boolean;
  again: () => void;
} {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CameraState>("starting");
  const [mirrored, setMirrored] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const found = useEffectEvent(onText);

  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    void run({
      signal,
      shown: video,
      found,
      began(track) {
        setMirrored(track?.getSettings().facingMode !== "environment");
        setState("running");
      },
    }).catch((fault: unknown) => !signal.aborted && setState(stateOf(fault)));
    return () => ended.abort();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- each attempt is a new run
  }, [attempt]);

  return {
    video,
    state,
    mirrored,
    again() {
      setState("starting");
      setAttempt((before) => before + 1);
    },
  };
}

interface Run {
  signal: AbortSignal;
  shown: RefObject<HTMLVideoElement | null>;
  found: (text: string) => void;
  began: (track: MediaStreamTrack | undefined) => void;
}

async function run({ signal, shown, found, began }: Run): Promise<void> {
  if (!navigator.mediaDevices) throw new DOMException("no cameras here", "NotFoundError");
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1280 } },
  });
  let reader: QrReader | null = null;
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    reader?.stop();
  };
  // The light beside the lens goes out with the screen that wanted it.
  if (signal.aborted) return stop();
  signal.addEventListener("abort", stop);
  try {
    const video = shown.current;
    if (!video) return;
    video.srcObject = stream;
    await video.play();
    reader = await startQrReader();
    if (signal.aborted) return reader.stop();
    began(stream.getVideoTracks()[0]);
    await look(video, reader, signal, found);
  } catch (fault) {
    stop();
    throw fault;
  }
}

async function look(
  video: HTMLVideoElement,
  reader: QrReader,
  signal: AbortSignal,
  found: (text: string) => void,
): Promise<void> {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let last: string | null = null;
  if (!pen) throw new Error("no canvas to look at");
  while (!signal.aborted) {
    const { videoWidth, videoHeight } = video;
    if (videoWidth > 0 && !document.hidden) {
      const scale = Math.min(1, SIDE / Math.max(videoWidth, videoHeight));
      canvas.width = Math.round(videoWidth * scale);
      canvas.height = Math.round(videoHeight * scale);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const text = await reader.read(pen.getImageData(0, 0, canvas.width, canvas.height));
      // A code stays in view for a while: it is told once.
      if (text !== null && text !== last && !signal.aborted) found(text);
      last = text ?? last;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** By the names of `getUserMedia`'s refusals. */
export function stateOf(fault: unknown): CameraState {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}
