declare module "@bench/web.js" {
  /** A room of so many people, on the devices of two of them. */
  export class BenchRoom {
    constructor(members: number);
    /** One writes and the other reads. */
    message(): void;
    free(): void;
  }
  export default function load(options: { module_or_path: string }): Promise<unknown>;
}
