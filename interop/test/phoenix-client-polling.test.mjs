import { LongPoll } from "phoenix";
import { Client } from "../phoenix-client.mjs";

// Every line of the playground once more, by clients that poll.
Client.transport = LongPoll;
await import("./phoenix-client.test.mjs");
