namespace Engagement.Members.Products;

/// <summary>The legal class of a product; it decides what may be said about it to whom.</summary>
public enum ProductClass
{
    /// <summary>Not classified; counts as <see cref="Prescription"/> until somebody says otherwise.</summary>
    Unknown = 0,

    /// <summary>处方药 (Rx).</summary>
    Prescription = 1,

    /// <summary>甲类非处方药.</summary>
    OtcA = 2,

    /// <summary>乙类非处方药.</summary>
    OtcB = 3,

    /// <summary>医疗器械.</summary>
    Device = 4,

    /// <summary>保健食品.</summary>
    HealthFood = 5,

    /// <summary>Neither drug nor device nor health food: toiletries, food, baby goods.</summary>
    Other = 6,
}
