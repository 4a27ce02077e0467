/**
 * HTTP connections, the limits that they pass, and what they serve: health, texts, files and a module.
 */
package io.heliodor.transport.http;
