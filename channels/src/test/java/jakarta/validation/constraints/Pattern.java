package jakarta.validation.constraints;

import jakarta.validation.Constraint;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A constraint that may be repeated, as the API of Bean Validation declares it. */
@Constraint
@Repeatable(Pattern.List.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Pattern {
    String regexp();

    /** The container of repeated constraints: not a constraint itself. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER, ElementType.TYPE_USE})
    @interface List {
        Pattern[] value();
    }
}
