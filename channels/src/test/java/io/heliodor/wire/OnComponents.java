package io.heliodor.wire;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** An annotation that is kept with a component, where JSpecify's is kept with the component's type. */
final class OnComponents {
    private OnComponents() {}

    @Retention(RetentionPolicy.RUNTIME)
    @interface Nullable {}

    record Note(@Nullable String text) {}
}
