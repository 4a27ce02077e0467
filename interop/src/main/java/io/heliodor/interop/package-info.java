/** Real clients against a running server, and the rules of the house. Holds tests only. */
package io.heliodor.interop;
