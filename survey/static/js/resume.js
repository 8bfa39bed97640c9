// At the door: sends what an earlier visit could not, without showing anybody's answers.
import { deliver, kept, say } from "./pending.js";

export async function improve() {
  for (const parcel of await kept()) {
    if (await deliver(parcel, { isKept: true })) say("delivered-words");
  }
}
