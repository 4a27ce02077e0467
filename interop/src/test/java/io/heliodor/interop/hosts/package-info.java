/** Programs on hosts of their own, on one machine: what lies between them, and how little they may have. */
package io.heliodor.interop.hosts;
