/**
 * What is wrong with an UPDATE, in the classes of RFC 7606 section 2, for whoever answers, logs and counts it.
 */
import type { ErrorAction } from './attribute.ts';
import { ErrorCode } from './constants.ts';
import { notification, ProtocolError } from './notification.ts';
import type { DecodedUpdate } from './update.ts';

/** Something wrong with an UPDATE, and which of the answers of RFC 7606 section 2 it gets. */
export interface UpdateError {
  /** `session-reset` comes in an {@link UpdateResetError} alone. */
  readonly action: ErrorAction;
  /** The attribute's type code; null where it is none's, or where it is not known whose bytes they were. */
  readonly attribute: number | null;
  /** What RFC 4271 section 6.3 calls it. */
  readonly subcode: number;
  readonly message: string;
  /** The attribute's value as received, or the field's, for the log (RFC 7606 section 8). */
  readonly data: Uint8Array;
}

/** What a session has to be reset for. */
export interface UpdateReset extends Omit<UpdateError, 'action'> {
  /** The data of the NOTIFICATION, where RFC 4271 section 6.3 wants any. */
  readonly quoted?: Uint8Array;
}

/** An UPDATE that ends the session. Beside the NOTIFICATION it has what logs, counters and decoders for people want to know. */
export class UpdateResetError extends ProtocolError {
  readonly error: UpdateError;
  /** The message as far as it was understood, for people to look at; null where its fields cannot be told apart. */
  readonly understood: DecodedUpdate | null;
  constructor({ quoted, ...error }: UpdateReset, understood: DecodedUpdate | null) {
    super(`bad UPDATE: ${error.message}`, notification(ErrorCode.UpdateMessage, error.subcode, quoted));
    this.error = { ...error, action: 'session-reset' };
    this.understood = understood;
  }
}
