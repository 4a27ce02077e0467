/** JSON as bytes: its grammar, the limits of clients, and raw payloads. Exported to modules of Heliodor only. */
package io.heliodor.event.json;
