/** Disconnects, kicks and removals by the application, on all nodes. */
package io.heliodor.session.eviction;
