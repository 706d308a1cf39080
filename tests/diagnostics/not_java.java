  def f(x):
//^ compiler.err.expected4
    return x
