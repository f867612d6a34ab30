/** Hears a running bash. */
export interface StreamEvents {
  /** stdout and stderr, in the order written. */
  data(chunk: Buffer): void
  /** No more output comes: bash ended, or the way to it broke. Once. */
  end(): void
}

/** The way to a bash inside a Sandbox that reads commands from its stdin. */
export interface SandboxStream {
  /** Never blocks; what is written after the end is lost. */
  write(data: string | Buffer): void
  /** Ends bash (end of file on its stdin, or harder) and everything of its session. */
  close(): void
  /** What went wrong when bash did not even start, in the words of the machinery; '' when it said nothing. */
  complaint(): string
}

/** Starts a non-interactive bash inside a Sandbox that reads commands from its stdin. */
export type OpenStream = (events: StreamEvents) => Promise<SandboxStream>
