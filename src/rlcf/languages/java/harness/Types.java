import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;

/** What is to be known of types: their classes, and the ranges of whole numbers. */
final class Types {
    private Types() {}

    /** Whether values may count something. */
    static boolean isCount(Type type) {
        return type == int.class || type == Integer.class || type == long.class || type == Long.class;
    }

    /** Its class; of a variable or a wildcard that of its bound. */
    static Class<?> rawOf(Type type) {
        if (type instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        } else if (type instanceof GenericArrayType array) {
            return rawOf(array.getGenericComponentType()).arrayType();
        } else if (type instanceof WildcardType wildcard) {
            return rawOf(wildcard.getUpperBounds()[0]);
        } else if (type instanceof TypeVariable<?> variable) {
            return rawOf(variable.getBounds()[0]);
        }
        return (Class<?>) type;
    }

    /** A whole number as an object of its type. */
    static Object boxed(Type type, long number) {
        if (type == int.class || type == Integer.class) {
            return (int) number;
        } else if (type == short.class || type == Short.class) {
            return (short) number;
        } else if (type == byte.class || type == Byte.class) {
            return (byte) number;
        }
        return number;
    }

    /** The least number of a whole number's type. */
    static long least(Type type) {
        return -most(type) - 1;
    }

    /** The greatest number of a whole number's type; 0 for all others. */
    static long most(Type type) {
        if (type == int.class || type == Integer.class) {
            return Integer.MAX_VALUE;
        } else if (type == long.class || type == Long.class) {
            return Long.MAX_VALUE;
        } else if (type == short.class || type == Short.class) {
            return Short.MAX_VALUE;
        }
        return type == byte.class || type == Byte.class ? Byte.MAX_VALUE : 0;
    }
}
