/** Control characters in names and logs. Exported to modules of Heliodor alone. */
package io.heliodor.type.text;
