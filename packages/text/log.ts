/** Lines for a person. Text from outside is safe here: no line can become a logging command. */
export interface Log {
  info(text: string): void;
  debug(text: string): void;
  warning(text: string): void;
  error(text: string): void;
}

/** Keeps secrets out of everything that is printed. */
export interface Masker {
  /** Registers every form of a secret with the masker (see secret-encodings.ts). The first thing done with one. */
  mask(secret: string): void;
}
