/** Strict reading of JSON by Jackson, for the payloads of clients and the values between nodes. Exported to modules of Heliodor only. */
package io.heliodor.json;
