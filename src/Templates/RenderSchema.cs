namespace Engagement.Templates;

/// <summary>A set of named columns that templates may read (`member.name`, `store.name`, `refill.count`).</summary>
/// <remarks>
/// Made once and shared: a template compiled for a schema finds each column by its number, and rendering a row looks
/// nothing up by name. Immutable and thread-safe.
/// </remarks>
public sealed class RenderSchema
{
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly string[] _paths;

    /// <summary>Makes a schema of the given columns, in this order.</summary>
    /// <param name="paths">Dotted names, each once; a part is a letter or `_` followed by letters, digits and `_`.</param>
    /// <exception cref="ArgumentException">A path is malformed or given twice.</exception>
    public RenderSchema(params string[] paths)
    {
        _paths = [.. paths];
        for (var column = 0; column < _paths.Length; column++)
        {
            var node = Root;
            foreach (var part in _paths[column].Split('.'))
            {
                if (part.Length == 0 || !(char.IsLetter(part[0]) || part[0] == '_') || !part.All(c => char.IsLetterOrDigit(c) || c == '_'))
                    throw new ArgumentException($"'{_paths[column]}' is not a column path.", nameof(paths));
                node = node.ChildOrNew(part);
            }
            node.Column = column;
            if (!_columns.TryAdd(_paths[column], column))
                throw new ArgumentException($"The column '{_paths[column]}' is given twice.", nameof(paths));
        }
    }

    /// <summary>The columns in the order of their numbers.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>The number of a column, for <see cref="RenderRow"/>.</summary>
    /// <exception cref="KeyNotFoundException">The schema has no such column.</exception>
    public int Column(string path) =>
        _columns.TryGetValue(path, out var column) ? column : throw new KeyNotFoundException($"The schema has no column '{path}'.");

    internal SchemaNode Root { get; } = new();
}

/// <summary>One part of a dotted path: `member` has the child `name`, which has a column.</summary>
internal sealed class SchemaNode
{
    private readonly Dictionary<string, SchemaNode> _children = new(StringComparer.Ordinal);

    /// <summary>The number of the column that ends here, or −1.</summary>
    public int Column { get; set; } = -1;

    public IReadOnlyDictionary<string, SchemaNode> Children => _children;

    public SchemaNode ChildOrNew(string name)
    {
        if (!_children.TryGetValue(name, out var child)) _children.Add(name, child = new SchemaNode());
        return child;
    }
}
