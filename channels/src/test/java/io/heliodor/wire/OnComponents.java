package io.heliodor.wire;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** An annotation of a component; that of JSpecify belongs to the component's type. */
final class OnComponents {
    private OnComponents() {}

    @Retention(RetentionPolicy.RUNTIME)
    @interface Nullable {}

    record Note(@Nullable String text) {}
}
