import type { Failure } from "./engine.gen";

/** The engine, or the server behind it, did not do what it was told. */
export class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.detail}`);
    this.name = "Refused";
    this.failure = failure;
  }
}
