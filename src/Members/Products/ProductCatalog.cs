using Engagement.Storage;

namespace Engagement.Members.Products;

/// <summary>The products that one import or rebuild has met, so that each is read once. Not thread-safe, not for long keeping.</summary>
internal sealed class ProductCatalog
{
    private readonly Dictionary<string, Product> _bySku = [];
    private readonly Dictionary<long, Product> _therapies = [];
    private bool _allTherapies;

    /// <summary>The product of an article number, or <c>null</c> when it is not in the master or was not asked for.</summary>
    public Product? Find(string sku) => _bySku.GetValueOrDefault(sku);

    /// <summary>The long-term medicine with this id, or <c>null</c>.</summary>
    public Product? Therapy(long id) => _therapies.GetValueOrDefault(id);

    /// <summary>Reads the article numbers that were not met before.</summary>
    public Task LoadAsync(Session session, IEnumerable<string> skus)
    {
        var missing = skus.Where(sku => !_bySku.ContainsKey(sku)).Distinct().ToList();
        return session.ReadProductsAsync(missing, Add);
    }

    /// <summary>Reads all long-term medicines, once.</summary>
    public async Task LoadTherapiesAsync(Session session)
    {
        if (_allTherapies) return;
        await session.ReadTherapyProductsAsync(Add).ConfigureAwait(false);
        _allTherapies = true;
    }

    private void Add(Product product)
    {
        _bySku[product.Sku] = product;
        if (product.TherapyKey is not null) _therapies[product.Id] = product;
    }
}
