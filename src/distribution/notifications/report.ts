/** What the log is told of deliveries. */

export interface DeliveryReport {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /**
   * `failing`: the first try in a row that failed; `recovered`: one after it that did not; `full`: its queue is, and events
   * are dropped; `dropped`: how many were, or that one was refused for good; `forgotten`: what waited for endpoints that are
   * not configured any more.
   */
  readonly state: "failing" | "recovered" | "full" | "dropped" | "forgotten";
  /** One line, without secrets. */
  readonly message: string;
}

/** Counts of one endpoint, since the process began. */
export interface EndpointCounts {
  readonly endpoint: string;
  /** Events that wait. */
  readonly queued: number;
  readonly sent: number;
  /** Tries that failed; each event is tried again. */
  readonly failures: number;
  /** Events that will not be sent: because the queue was full, or the receiver refused them. */
  readonly dropped: number;
}
