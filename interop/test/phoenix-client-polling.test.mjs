import { LongPoll } from "phoenix";
import { Client } from "../phoenix-client.mjs";
import { long } from "../size.mjs";

// Every line of the playground once more, by clients that poll.
Client.transport = LongPoll;
if (!long) await import("./phoenix-client.test.mjs");
