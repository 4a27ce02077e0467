/** Processes: mailboxes addressed by pid or name, with calls, monitors, supervision and groups. */
package io.heliodor.process;
