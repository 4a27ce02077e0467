/** Programs of the Java client. They are compiled for Java 17, too, and run as processes of their own. */
package io.heliodor.interop.client.program;
