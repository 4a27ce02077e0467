/** Programs on hosts of their own, on one machine: the network between them, their certificate, and limits of their resources. */
package io.heliodor.interop.hosts;
