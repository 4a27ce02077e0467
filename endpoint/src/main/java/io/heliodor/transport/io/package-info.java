/**
 * Event loops, I/O backends and buffers of Netty.
 */
package io.heliodor.transport.io;
