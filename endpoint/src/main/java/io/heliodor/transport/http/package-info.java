/**
 * HTTP connections, the limits that they pass, and what they serve: health, texts and files.
 */
package io.heliodor.transport.http;
