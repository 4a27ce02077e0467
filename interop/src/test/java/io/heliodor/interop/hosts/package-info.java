/** Programs on hosts of their own, on one machine: the network between them, and limits of their resources. */
package io.heliodor.interop.hosts;
