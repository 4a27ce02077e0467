/** The Java client as users run it: in processes of their own, on old and new JDKs, over faulty networks. */
package io.heliodor.interop.client;
