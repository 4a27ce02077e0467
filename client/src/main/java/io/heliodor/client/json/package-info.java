/** The payloads of a client as JSON: those of the application's types, sealed types and raw ones. */
package io.heliodor.client.json;
