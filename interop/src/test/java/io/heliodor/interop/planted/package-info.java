/** Planted faults: changes of one source each that a test must find. See {@code docs/design/planted-faults.md}. */
package io.heliodor.interop.planted;
