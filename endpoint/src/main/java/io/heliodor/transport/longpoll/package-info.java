/**
 * Long polling: sessions that outlive their requests, at this endpoint or another.
 */
package io.heliodor.transport.longpoll;
