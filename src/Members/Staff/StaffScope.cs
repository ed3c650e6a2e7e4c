namespace Engagement.Members.Staff;

/// <summary>Which rows a member of staff may see with the right that a request rests on. Every query for staff takes one; <c>default</c> is nothing.</summary>
/// <remarks>
/// <code>
/// $"SELECT … FROM purchase p WHERE {scope.Sql("p.store_id")} AND p.id = @id"   with   new { id, scope.Stores, scope.Owner }
/// </code>
/// A row outside it is answered as one that does not exist. Lists, counts and exports take the same fragment.
/// </remarks>
public readonly record struct StaffScope
{
    private readonly Kind _kind;
    private readonly long[]? _stores;

    private StaffScope(Kind kind, long[]? stores, StaffId owner) => (_kind, _stores, Owner) = (kind, stores, owner.Value);

    private enum Kind
    {
        Nothing = 0,
        Everything = 1,
        Stores = 2,
        Own = 3,
    }

    /// <summary>Sees nothing.</summary>
    public static StaffScope Nothing => default;

    /// <summary>Sees every store.</summary>
    public static StaffScope Everything { get; } = new(Kind.Everything, null, default);

    /// <summary>The stores, as the parameter <c>@Stores</c> of a statement.</summary>
    public IReadOnlyList<long> Stores => _stores ?? [];

    /// <summary>The one whose rows they are, as the parameter <c>@Owner</c>; 0 when it does not go by owner.</summary>
    public long Owner { get; }

    /// <summary>Whether it reaches over all stores.</summary>
    public bool IsEverything => _kind == Kind.Everything;

    /// <summary>Sees what belongs to these stores; none means nothing.</summary>
    public static StaffScope Of(IEnumerable<long> stores) => stores.ToArray() is { Length: > 0 } some ? new(Kind.Stores, some, default) : Nothing;

    /// <summary>Sees, in these stores, what is assigned to <paramref name="owner"/> or made by them.</summary>
    public static StaffScope Own(StaffId owner, IEnumerable<long> stores) => new(Kind.Own, [.. stores], owner);

    /// <summary>Whether a row of this store is seen; a row of no store only by who sees everything.</summary>
    public bool Covers(long? storeId) => _kind switch
    {
        Kind.Nothing => false,
        Kind.Everything => true,
        Kind.Stores or Kind.Own => storeId is { } store && _stores!.Contains(store),
    };

    /// <summary>A condition for a WHERE clause; it uses the parameters <c>@Stores</c> and <c>@Owner</c>.</summary>
    /// <param name="storeColumn">The column with the store.</param>
    /// <param name="ownerColumn">The column with the member of staff, for what can be owned; without it a scope of own rows sees nothing.</param>
    public string Sql(string storeColumn, string? ownerColumn = null) => _kind switch
    {
        Kind.Nothing => "1 = 0",
        Kind.Everything => "1 = 1",
        Kind.Stores => $"{storeColumn} IN @Stores",
        Kind.Own => ownerColumn is null ? "1 = 0" : $"{ownerColumn} = @Owner",
    };
}
