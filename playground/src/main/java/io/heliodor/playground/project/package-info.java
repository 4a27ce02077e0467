/** New projects of users, written from the templates of the clone. */
@NullMarked
package io.heliodor.playground.project;

import org.jspecify.annotations.NullMarked;
