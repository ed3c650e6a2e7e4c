using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>The chain's stores: invented, in real cities, named after streets that every city has.</summary>
internal static class Stores
{
    private static readonly string[] s_cities = ["杭州", "宁波", "绍兴", "嘉兴", "湖州", "金华", "台州", "温州"];

    private static readonly string[] s_streets =
    [
        "人民路", "解放路", "中山路", "建设路", "和平路", "新华路", "文化路", "胜利路", "朝阳街", "长江路",
        "黄河路", "学院路", "环城路", "迎宾路", "滨江路", "公园路", "体育路", "工农路", "北京路", "南京路", "幸福里", "花园路", "青年路", "湖滨路", "东门街",
    ];

    /// <summary>So many stores; each pair of city and street occurs once.</summary>
    public static IReadOnlyList<StoreRow> Make(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new StoreRow(
            $"S{i + 1:D3}", $"{s_streets[(i + i / (s_cities.Length * s_streets.Length)) % s_streets.Length]}店", s_cities[(i * 3 + i / s_streets.Length) % s_cities.Length])),
    ];
}
