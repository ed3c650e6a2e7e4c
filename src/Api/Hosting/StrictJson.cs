using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>JSON as this API reads and writes it: nothing unknown, nothing twice, nothing missing, no null in a list; ids are strings; enums are words.</summary>
internal static class StrictJson
{
    public static void Apply(JsonSerializerOptions json)
    {
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.PropertyNameCaseInsensitive = false;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.MaxDepth = 32;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RefuseNulls);
        json.Converters.Add(new IdJson());
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    // The nullable annotations are respected for properties, and forgotten for what a list holds.
    private static void RefuseNulls(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Enumerable || type.ElementType is not { IsValueType: false }) return;
        type.OnDeserialized = list =>
        {
            foreach (var item in (System.Collections.IEnumerable)list)
            {
                if (item is null) throw new JsonException("A list holds no null.");
            }
        };
    }

    // Every typed id, also those that are yet to come.
    private sealed class IdJson : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => IdType(typeToConvert);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(IdJsonConverter<>).MakeGenericType(typeToConvert))!;
    }

    /// <summary>Whether the type is a typed id.</summary>
    public static bool IdType(Type type) =>
        type.IsValueType && type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IId<>));
}
