package some.where;

sealed interface Shape permits Circle, Square {
}

record Circle(double radius) implements Shape {
    Circle {
        if (radius < 0) {
            throw new IllegalArgumentException();
        }
    }
}

record Square(double side) implements Shape {
}

class Areas {
    static double area(Shape shape) {
        var text = """
            a "text" block }
            """;
        if (shape instanceof Circle c && c.radius() > text.length()) {
            return Math.PI * c.radius() * c.radius();
        }
        return switch (text) {
            case "a", "b" -> 1;
            default -> {
                yield 2.0;
            }
        };
    }
}
